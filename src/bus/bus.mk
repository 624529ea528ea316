# SPDX-License-Identifier: Apache-2.0
# The face on D-Bus.

noinst_LIBRARIES += libbus.a
libbus_a_SOURCES = \
	%D%/bus.c %D%/bus.h \
	%D%/callers.c %D%/callers.h \
	%D%/catalogue.c %D%/catalogue.h \
	%D%/methods.c %D%/methods.h
