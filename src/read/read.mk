# SPDX-License-Identifier: Apache-2.0
# What the hub links: the protocol of the reader and its client, no decoder.

noinst_LIBRARIES += libread.a
libread_a_SOURCES = \
	%D%/symbol.c %D%/symbol.h \
	%D%/offer.c %D%/offer.h \
	%D%/format.c %D%/format.h \
	%D%/request.c %D%/request.h \
	%D%/reader.c %D%/reader.h

# What only the sandboxed process links: every parser of hostile pictures.
noinst_LIBRARIES += libscan.a
libscan_a_SOURCES = \
	%D%/picture.c %D%/picture.h \
	%D%/reduction.c %D%/reduction.h \
	%D%/png.c %D%/png.h \
	%D%/jpeg.c %D%/jpeg.h \
	%D%/pgm.c %D%/pgm.h \
	%D%/gif.c %D%/gif.h \
	%D%/webp.c %D%/webp.h \
	%D%/bmp.c %D%/bmp.h \
	%D%/tiff.c %D%/tiff.h \
	%D%/image.c %D%/image.h \
	%D%/frame.c %D%/frame.h \
	%D%/node.c %D%/node.h \
	%D%/optics.c %D%/optics.h \
	%D%/camera.c %D%/camera.h \
	%D%/cameras.c %D%/cameras.h \
	%D%/locator.c %D%/locator.h \
	%D%/scanner.c %D%/scanner.h \
	%D%/zxing.h \
	%D%/search.c %D%/search.h \
	%D%/watch.c %D%/watch.h \
	%D%/serve.c %D%/serve.h

if HAVE_ZXING
libscan_a_SOURCES += %D%/zxing.cc
else
libscan_a_SOURCES += %D%/zxing-absent.c
endif

libexec_PROGRAMS += enroll-read
enroll_read_SOURCES = %D%/enroll-read.c
enroll_read_LDADD = libscan.a libread.a libcode.a libreason.a libutil.a libwire.a \
	$(PNG_LIBS) $(JPEG_LIBS) $(GIF_LIBS) $(WEBP_LIBS) $(TIFF_LIBS) $(ZBAR_LIBS) \
	$(ZXING_LIBS) -lm $(SYSTEMD_LIBS)
