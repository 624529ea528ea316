# SPDX-License-Identifier: Apache-2.0
test_programs += %D%/test-bridge
test_programs += %D%/test-broom
test_programs += %D%/test-echo
test_programs += %D%/test-orders
test_programs += %D%/test-readout
test_programs += %D%/test-requests
