# SPDX-License-Identifier: Apache-2.0
test_programs += %D%/test-argument
test_programs += %D%/test-channel
test_programs += %D%/test-card
test_programs += %D%/test-choice
test_programs += %D%/test-decimal
test_programs += %D%/test-duration
test_programs += %D%/test-errors
test_programs += %D%/test-functions
test_programs += %D%/test-group
test_programs += %D%/test-listing
%C%_test_listing_CPPFLAGS = $(AM_CPPFLAGS) -DEXAMPLES='"$(abs_top_srcdir)/doc/examples"'
test_programs += %D%/test-presence
test_programs += %D%/test-qr
test_programs += %D%/test-source
test_programs += %D%/test-step
test_programs += %D%/test-sticker

TESTS += tests/tool/test-code tests/tool/test-completion
EXTRA_DIST += tests/tool/test-code tests/tool/test-completion tests/tool/golden
