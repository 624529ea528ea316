# SPDX-License-Identifier: Apache-2.0
test_programs += %D%/test-audience
test_programs += %D%/test-bearers
test_programs += %D%/test-cache
test_programs += %D%/test-channel
test_programs += %D%/test-coc
test_programs += %D%/test-heard
test_programs += %D%/test-interval
# The kernel's part, which the machine need not have, is the test's own.
test_programs += %D%/test-l2cap
%C%_test_l2cap_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=socket -Wl,--wrap=bind \
	-Wl,--wrap=setsockopt -Wl,--wrap=getsockopt -Wl,--wrap=connect -Wl,--wrap=listen -Wl,--wrap=accept4
test_programs += %D%/test-reorder
test_programs += %D%/test-revival
test_programs += %D%/test-rfkill
test_programs += %D%/test-shunned
