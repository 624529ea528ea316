# SPDX-License-Identifier: Apache-2.0
test_programs += %D%/test-press
test_programs += %D%/test-button
test_programs += %D%/test-buttons
%C%_test_buttons_LDFLAGS = $(HASTE_LINKING)
test_programs += %D%/test-light
%C%_test_light_LDFLAGS = $(HASTE_LINKING)
