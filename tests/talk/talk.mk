# SPDX-License-Identifier: Apache-2.0
# Both ends in memory, with real cryptography and, for many thousand runs, without.

TALK_WORLD = %D%/world.c %D%/world.h
TALK_FAULT = %D%/fault.c %D%/fault.h
TOY_CRYPTO = %D%/toy-crypto.c %D%/toy-crypto.h

test_programs += %D%/test-talk
%C%_test_talk_SOURCES = %D%/test-talk.c $(TALK_FAULT) $(TALK_WORLD)

test_programs += %D%/test-commands
%C%_test_commands_SOURCES = %D%/test-commands.c $(TALK_FAULT) $(TALK_WORLD)

test_programs += %D%/test-schedules
%C%_test_schedules_SOURCES = %D%/test-schedules.c $(TOY_CRYPTO) $(TALK_WORLD)
%C%_test_schedules_LDADD = libenroll-device.a libprogram.a libwire.a $(CMOCKA_LIBS)

test_programs += %D%/test-enroll-device
%C%_test_enroll_device_SOURCES = %D%/test-enroll-device.c $(TALK_WORLD)
%C%_test_enroll_device_CPPFLAGS = $(AM_CPPFLAGS) -DENROLL_DEVICE='"$(abs_top_builddir)/enroll-device"'
