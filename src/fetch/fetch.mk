# SPDX-License-Identifier: Apache-2.0
# What the hub links: the orders it gives, and who takes the answers. No network library.

noinst_LIBRARIES += libfetch.a
libfetch_a_SOURCES = \
	%D%/order.c %D%/order.h \
	%D%/fetcher.c %D%/fetcher.h

# What only the process with the network links.
noinst_LIBRARIES += libdownload.a
libdownload_a_SOURCES = \
	%D%/answer.c %D%/answer.h \
	%D%/download.c %D%/download.h

libexec_PROGRAMS += enroll-fetch
enroll_fetch_SOURCES = %D%/enroll-fetch.c
enroll_fetch_LDADD = libdownload.a libfetch.a libcatalogue.a libcode.a libreason.a libutil.a libwire.a \
	$(CURL_LIBS) $(JANSSON_LIBS) $(SYSTEMD_LIBS)
