# SPDX-License-Identifier: Apache-2.0
test_programs += %D%/test-bridge
%C%_test_bridge_SOURCES = %D%/test-bridge.c $(BRIDGED_HUB)
test_programs += %D%/test-broom
test_programs += %D%/test-bridge-due
%C%_test_bridge_due_SOURCES = %D%/test-bridge-due.c $(BRIDGED_HUB)
test_programs += %D%/test-catalogue
test_programs += %D%/test-echo
test_programs += %D%/test-orders
test_programs += %D%/test-readout
test_programs += %D%/test-requests
test_programs += %D%/test-shown
