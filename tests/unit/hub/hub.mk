# SPDX-License-Identifier: Apache-2.0
test_programs += %D%/test-clock
%C%_test_clock_SOURCES = %D%/test-clock.c src/hub/clock.c

test_programs += %D%/test-schedule
%C%_test_schedule_SOURCES = %D%/test-schedule.c src/hub/schedule.c
