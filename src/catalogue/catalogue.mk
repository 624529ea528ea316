# SPDX-License-Identifier: Apache-2.0
# The catalogue: codes of devices that are not enrolled yet.

noinst_LIBRARIES += libcatalogue.a
libcatalogue_a_SOURCES = \
	%D%/filename.c %D%/filename.h \
	%D%/line.c %D%/line.h \
	%D%/source.c %D%/source.h \
	%D%/catalogue.c %D%/catalogue.h \
	%D%/shelf.c %D%/shelf.h \
	%D%/import.c %D%/import.h
