# SPDX-License-Identifier: Apache-2.0
test_programs += %D%/test-bridge
test_programs += %D%/test-bridge-due
test_programs += %D%/test-catalogue
test_programs += %D%/test-echo
test_programs += %D%/test-orders
test_programs += %D%/test-requests
test_programs += %D%/test-shown
