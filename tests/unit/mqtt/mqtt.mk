# SPDX-License-Identifier: Apache-2.0
test_programs += %D%/test-broker
test_programs += %D%/test-client
test_programs += %D%/test-connection
test_programs += %D%/test-dial
test_programs += %D%/test-outbox
test_programs += %D%/test-sweep
test_programs += %D%/test-topic
