# SPDX-License-Identifier: Apache-2.0
# The face on MQTT.

noinst_LIBRARIES += libbridge.a
libbridge_a_SOURCES = \
	%D%/mirror.c %D%/mirror.h \
	%D%/catalogue.c %D%/catalogue.h \
	%D%/shown.c %D%/shown.h \
	%D%/echo.c %D%/echo.h \
	%D%/orders.c %D%/orders.h \
	%D%/broom.c %D%/broom.h \
	%D%/readout.c %D%/readout.h \
	%D%/requests.c %D%/requests.h \
	%D%/bridge.c %D%/bridge.h
