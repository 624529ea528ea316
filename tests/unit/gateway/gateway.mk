# SPDX-License-Identifier: Apache-2.0
test_programs += %D%/test-gateway
test_programs += %D%/test-limits
test_programs += %D%/test-visit

%C%_test_visit_LDFLAGS = $(HASTE_LINKING)
