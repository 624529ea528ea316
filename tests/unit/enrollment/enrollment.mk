# SPDX-License-Identifier: Apache-2.0
test_programs += %D%/test-enrollment
test_programs += %D%/test-failure
test_programs += %D%/test-forward
test_programs += %D%/test-half
test_programs += %D%/test-plan
test_programs += %D%/test-preview
test_programs += %D%/test-course
test_programs += %D%/test-record
test_programs += %D%/test-replacement
test_programs += %D%/test-resume

%C%_test_enrollment_LDFLAGS = $(HASTE_LINKING)
%C%_test_course_LDFLAGS = $(HASTE_LINKING)
