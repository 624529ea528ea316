# SPDX-License-Identifier: Apache-2.0
# The shapes of what the faces show and take.

noinst_LIBRARIES += libapi.a
libapi_a_SOURCES = \
	%D%/action.c %D%/action.h \
	%D%/backend.c %D%/backend.h \
	%D%/face.h \
	%D%/json.c %D%/json.h \
	%D%/variant.c %D%/variant.h \
	%D%/options.c %D%/options.h \
	%D%/status.c %D%/status.h \
	%D%/scalar.c %D%/scalar.h \
	%D%/command.c %D%/command.h \
	%D%/exposes.c %D%/exposes.h \
	%D%/delivery.c %D%/delivery.h \
	%D%/entries.c %D%/entries.h \
	%D%/devices.c %D%/devices.h
