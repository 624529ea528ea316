# SPDX-License-Identifier: Apache-2.0
test_programs += %D%/test-errand
test_programs += %D%/test-gateway
test_programs += %D%/test-limits
test_programs += %D%/test-timetable
test_programs += %D%/test-visit
test_programs += %D%/test-visit-errands
test_programs += %D%/test-visit-readings
test_programs += %D%/test-watch

%C%_test_visit_LDFLAGS = $(HASTE_LINKING)
%C%_test_visit_errands_LDFLAGS = $(HASTE_LINKING)
%C%_test_visit_readings_LDFLAGS = $(HASTE_LINKING)
%C%_test_watch_LDFLAGS = $(WALL_LINKING) $(HASTE_LINKING)
