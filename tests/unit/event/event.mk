# SPDX-License-Identifier: Apache-2.0
test_programs += %D%/test-event
test_programs += %D%/test-condition
test_programs += %D%/test-state
