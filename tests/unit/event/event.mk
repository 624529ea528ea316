# SPDX-License-Identifier: Apache-2.0
test_programs += %D%/test-event
test_programs += %D%/test-condition
%C%_test_condition_LDFLAGS = $(WALL_LINKING)
test_programs += %D%/test-numbering
test_programs += %D%/test-state
