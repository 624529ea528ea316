# SPDX-License-Identifier: Apache-2.0
test_programs += %D%/test-errand
test_programs += %D%/test-gateway
test_programs += %D%/test-limits
test_programs += %D%/test-visit
test_programs += %D%/test-visit-errands

%C%_test_visit_LDFLAGS = $(HASTE_LINKING)
%C%_test_visit_errands_LDFLAGS = $(HASTE_LINKING)
