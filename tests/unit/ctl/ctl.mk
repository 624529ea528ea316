# SPDX-License-Identifier: Apache-2.0
test_programs += %D%/test-charset
test_programs += %D%/test-fault
test_programs += %D%/test-progress
test_programs += %D%/test-summary
test_programs += %D%/test-table
test_programs += %D%/test-text
