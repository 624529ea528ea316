# SPDX-License-Identifier: Apache-2.0
# The hub's key and its settings.

noinst_LIBRARIES += libsite.a
libsite_a_SOURCES = \
	%D%/conf.c %D%/conf.h \
	%D%/settings.c %D%/settings.h \
	%D%/master.c %D%/master.h
