# SPDX-License-Identifier: Apache-2.0
test_programs += %D%/test-composite
test_programs += %D%/test-entity
test_programs += %D%/test-hass
%C%_test_hass_LDFLAGS = $(HASTE_LINKING)
test_programs += %D%/test-ledger
test_programs += %D%/test-notice
test_programs += %D%/test-platform
%C%_test_platform_CPPFLAGS = $(AM_CPPFLAGS) -DSCHEMA='"$(abs_top_srcdir)/tests/hub/hass-schema.json"'
test_programs += %D%/test-portal
test_programs += %D%/test-subject
test_programs += %D%/test-template
