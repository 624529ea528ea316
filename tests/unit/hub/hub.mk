# SPDX-License-Identifier: Apache-2.0
test_programs += %D%/test-census
%C%_test_census_SOURCES = %D%/test-census.c src/hub/census.c
%C%_test_census_LDFLAGS = $(HASTE_LINKING)

test_programs += %D%/test-clock
%C%_test_clock_SOURCES = %D%/test-clock.c src/hub/clock.c

test_programs += %D%/test-courier
%C%_test_courier_SOURCES = %D%/test-courier.c src/hub/courier.c

test_programs += %D%/test-desk
%C%_test_desk_SOURCES = %D%/test-desk.c src/hub/desk.c src/hub/verbosity.c

test_programs += %D%/test-dispatch
%C%_test_dispatch_SOURCES = %D%/test-dispatch.c src/hub/dispatch.c

test_programs += %D%/test-eraser
%C%_test_eraser_SOURCES = %D%/test-eraser.c src/hub/eraser.c
%C%_test_eraser_LDFLAGS = $(HASTE_LINKING)

test_programs += %D%/test-farewell
%C%_test_farewell_SOURCES = %D%/test-farewell.c src/hub/farewell.c
%C%_test_farewell_LDFLAGS = $(HASTE_LINKING)

test_programs += %D%/test-keeper
%C%_test_keeper_SOURCES = %D%/test-keeper.c src/hub/keeper.c
%C%_test_keeper_LDFLAGS = $(HASTE_LINKING)

test_programs += %D%/test-login
%C%_test_login_SOURCES = %D%/test-login.c src/hub/login.c

test_programs += %D%/test-rounds
%C%_test_rounds_SOURCES = %D%/test-rounds.c src/hub/rounds.c src/hub/herald.c
%C%_test_rounds_LDFLAGS = $(HASTE_LINKING)

test_programs += %D%/test-settle
%C%_test_settle_SOURCES = %D%/test-settle.c src/hub/settle.c src/hub/means.c src/hub/vault.c src/hub/herald.c
%C%_test_settle_LDFLAGS = $(HASTE_LINKING) $(WALL_LINKING)

test_programs += %D%/test-strays
%C%_test_strays_SOURCES = %D%/test-strays.c src/hub/strays.c src/hub/dispatch.c src/hub/eraser.c src/hub/herald.c \
	src/hub/clock.c
%C%_test_strays_LDFLAGS = $(HASTE_LINKING) -Wl,--wrap=time_now_usec

test_programs += %D%/test-reload
%C%_test_reload_SOURCES = %D%/test-reload.c src/hub/reload.c

test_programs += %D%/test-bulletin
%C%_test_bulletin_SOURCES = %D%/test-bulletin.c src/hub/bulletin.c

test_programs += %D%/test-verbosity
%C%_test_verbosity_SOURCES = %D%/test-verbosity.c src/hub/verbosity.c

test_programs += %D%/test-recent
%C%_test_recent_SOURCES = %D%/test-recent.c src/hub/recent.c

test_programs += %D%/test-window
%C%_test_window_SOURCES = %D%/test-window.c src/hub/window.c src/hub/recent.c
%C%_test_window_LDFLAGS = $(HASTE_LINKING)

test_programs += %D%/test-awaited
%C%_test_awaited_SOURCES = %D%/test-awaited.c src/hub/awaited.c
%C%_test_awaited_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=time_now_usec

test_programs += %D%/test-beacon
%C%_test_beacon_SOURCES = %D%/test-beacon.c src/hub/beacon.c
%C%_test_beacon_LDFLAGS = $(HASTE_LINKING)

test_programs += %D%/test-controls
%C%_test_controls_SOURCES = %D%/test-controls.c src/hub/controls.c
