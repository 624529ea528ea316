# SPDX-License-Identifier: Apache-2.0
# libenroll-device: the device's end, for firmware. The archive that is installed holds what it shares with the hub, too.

noinst_LIBRARIES += libenroll-device.a
libenroll_device_a_SOURCES = \
	%D%/slot.c %D%/slot.h \
	%D%/ownership.c %D%/ownership.h \
	%D%/enroll-device.c %D%/enroll-device.h
libenroll_device_a_CFLAGS = $(C99_CFLAGS)

# The port to boards, which the tests run beside the port to Linux.
check_LIBRARIES += libbearssl-port.a
libbearssl_port_a_SOURCES = \
	%D%/crypto-bearssl.c %D%/crypto-bearssl.h \
	tests/support/board-random.c
libbearssl_port_a_CFLAGS = $(C99_CFLAGS)

devicelibdir = $(libdir)
nodist_devicelib_DATA = conf/libenroll-device.a
devicepkgconfigdir = $(libdir)/pkgconfig
nodist_devicepkgconfig_DATA = conf/enroll-device.pc
deviceincludedir = $(includedir)/enroll-device/device
dist_deviceinclude_DATA = $(filter %D%/%.h,$(libenroll_device_a_SOURCES))
programincludedir = $(includedir)/enroll-device/program
dist_programinclude_DATA = $(filter src/program/%.h,$(libprogram_a_SOURCES))
wireincludedir = $(includedir)/enroll-device/wire
dist_wireinclude_DATA = $(filter src/wire/%.h,$(libwire_a_SOURCES))
CLEANFILES += $(nodist_devicelib_DATA)
EXTRA_DIST += %D%/README.md

conf/libenroll-device.a: libenroll-device.a libprogram.a libwire.a
	$(AM_V_AR)$(MKDIR_P) conf && rm -f $@ && \
		printf 'create $@\naddlib libenroll-device.a\naddlib libprogram.a\naddlib libwire.a\nsave\nend\n' | $(AR) -M && \
		$(RANLIB) $@
