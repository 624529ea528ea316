# SPDX-License-Identifier: Apache-2.0
# May this code do that here?

noinst_LIBRARIES += libpolicy.a
libpolicy_a_SOURCES = \
	%D%/verdict.c %D%/verdict.h \
	%D%/given.c %D%/given.h \
	%D%/values.c %D%/values.h
