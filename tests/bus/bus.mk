# SPDX-License-Identifier: Apache-2.0
# On a private bus, against a bluetoothd that misbehaves, and the D-Bus face with its real client.

test_programs += %D%/test-adapter %D%/test-central %D%/test-finder %D%/test-observer %D%/test-peripheral %D%/test-vigil
%C%_test_central_LDFLAGS = $(HASTE_LINKING)
%C%_test_finder_LDFLAGS = $(HASTE_LINKING)
%C%_test_observer_LDFLAGS = $(HASTE_LINKING)
%C%_test_peripheral_LDFLAGS = $(HASTE_LINKING)
test_programs += %D%/test-revived
%C%_test_revived_LDFLAGS = $(HASTE_LINKING)
%C%_test_vigil_LDFLAGS = $(HASTE_LINKING)
test_programs += %D%/test-central-coc
%C%_test_central_coc_SOURCES = %D%/test-central-coc.c $(COC_CALLER)
%C%_test_central_coc_LDFLAGS = $(HASTE_LINKING)
test_programs += %D%/test-central-hang-up
%C%_test_central_hang_up_SOURCES = %D%/test-central-hang-up.c $(COC_CALLER)
%C%_test_central_hang_up_LDFLAGS = $(HASTE_LINKING)
test_programs += %D%/test-central-retreat
%C%_test_central_retreat_SOURCES = %D%/test-central-retreat.c $(COC_CALLER)
%C%_test_central_retreat_LDFLAGS = $(HASTE_LINKING)
test_programs += %D%/test-central-session
%C%_test_central_session_SOURCES = %D%/test-central-session.c $(COC_CALLER)
%C%_test_central_session_LDFLAGS = $(HASTE_LINKING)
test_programs += %D%/test-peripheral-coc
%C%_test_peripheral_coc_SOURCES = %D%/test-peripheral-coc.c $(FAKE_L2CAP)
%C%_test_peripheral_coc_LDFLAGS = $(HASTE_LINKING)

test_programs += %D%/test-api %D%/test-bus %D%/test-devices %D%/test-show %D%/test-strangers
WITH_ENROLLCTL = $(AM_CPPFLAGS) -DENROLLCTL='"$(abs_top_builddir)/enrollctl"'
%C%_test_api_CPPFLAGS = $(WITH_ENROLLCTL)
%C%_test_devices_CPPFLAGS = $(WITH_ENROLLCTL)
%C%_test_show_CPPFLAGS = $(WITH_ENROLLCTL)
%C%_test_strangers_CPPFLAGS = $(WITH_ENROLLCTL)
