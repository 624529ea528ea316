# SPDX-License-Identifier: Apache-2.0
test_programs += %D%/test-announced
test_programs += %D%/test-channel
test_programs += %D%/test-delivery
test_programs += %D%/test-device
test_programs += %D%/test-enrollment
test_programs += %D%/test-entry
test_programs += %D%/test-group
test_programs += %D%/test-outbox
test_programs += %D%/test-preference
test_programs += %D%/test-removal
test_programs += %D%/test-memory
test_programs += %D%/test-retained
test_programs += %D%/test-schema
%C%_test_schema_CPPFLAGS = $(AM_CPPFLAGS) -DVERSION_1='"$(abs_top_srcdir)/%D%/version-1.sql"'
test_programs += %D%/test-store
test_programs += %D%/test-store-crash
EXTRA_DIST += %D%/version-1.sql
