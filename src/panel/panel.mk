# SPDX-License-Identifier: Apache-2.0
# What a person has at the hub itself: buttons, and a light.

noinst_LIBRARIES += libpanel.a
libpanel_a_SOURCES = \
	%D%/press.c %D%/press.h \
	%D%/button.c %D%/button.h \
	%D%/buttons.c %D%/buttons.h \
	%D%/light.c %D%/light.h
