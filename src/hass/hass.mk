# SPDX-License-Identifier: Apache-2.0
# Discovery for Home Assistant.

noinst_LIBRARIES += libhass.a
libhass_a_SOURCES = \
	%D%/platform.c %D%/platform.h \
	%D%/template.c %D%/template.h \
	%D%/entity.c %D%/entity.h \
	%D%/composite.c %D%/composite.h \
	%D%/portal.c %D%/portal.h \
	%D%/subject.c %D%/subject.h \
	%D%/notice.c %D%/notice.h \
	%D%/ledger.c %D%/ledger.h \
	%D%/hass.c %D%/hass.h
