# SPDX-License-Identifier: Apache-2.0
test_programs += %D%/test-ndef
test_programs += %D%/test-presence
test_programs += %D%/test-tag
test_programs += %D%/test-tap
test_programs += %D%/test-taps
%C%_test_taps_LDFLAGS = $(HASTE_LINKING) -Wl,--wrap=sd_event_now
test_programs += %D%/test-type2
test_programs += %D%/test-type4
