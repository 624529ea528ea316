# SPDX-License-Identifier: Apache-2.0
test_programs += %D%/test-action
test_programs += %D%/test-backend
test_programs += %D%/test-command
test_programs += %D%/test-delivery
test_programs += %D%/test-exposes
test_programs += %D%/test-json
test_programs += %D%/test-scalar
