# SPDX-License-Identifier: Apache-2.0
test_programs += %D%/test-reason

%C%_test_reason_CPPFLAGS = $(AM_CPPFLAGS) -DREASONS='"$(abs_top_srcdir)/doc/reasons.md"'
