# SPDX-License-Identifier: Apache-2.0
# enroll-device, the reference device, and its Linux host.

noinst_LIBRARIES += libthermometer.a
libthermometer_a_SOURCES = \
	%D%/console.c %D%/console.h \
	%D%/identity.c %D%/identity.h \
	%D%/memory.c %D%/memory.h \
	%D%/thermometer.c %D%/thermometer.h \
	%D%/host.c %D%/host.h \
	%D%/reach.c %D%/reach.h

bin_PROGRAMS += enroll-device
enroll_device_SOURCES = %D%/enroll-device.c
enroll_device_LDADD = libthermometer.a libenroll-device.a libble.a liblink.a libprogram-hub.a libprogram.a libreason.a libutil.a libwire.a \
	$(SODIUM_LIBS) $(JANSSON_LIBS) $(SYSTEMD_LIBS) -lm
