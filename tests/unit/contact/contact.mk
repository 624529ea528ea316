# SPDX-License-Identifier: Apache-2.0
test_programs += %D%/test-airtime
test_programs += %D%/test-conversation
test_programs += %D%/test-conversation-retreat
test_programs += %D%/test-finder
test_programs += %D%/test-keys
test_programs += %D%/test-lanes
test_programs += %D%/test-meeting
test_programs += %D%/test-roll
test_programs += %D%/test-schedule
test_programs += %D%/test-vigil

%C%_test_conversation_LDFLAGS = $(HASTE_LINKING)
%C%_test_conversation_retreat_LDFLAGS = $(HASTE_LINKING)
%C%_test_finder_LDFLAGS = $(HASTE_LINKING)
%C%_test_meeting_LDFLAGS = $(HASTE_LINKING)
