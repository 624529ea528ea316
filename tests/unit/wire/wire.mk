# SPDX-License-Identifier: Apache-2.0
test_programs += %D%/test-cbor
test_programs += %D%/test-crypto
test_programs += %D%/test-fragment
test_programs += %D%/test-hmac
test_programs += %D%/test-kdf
test_programs += %D%/test-message
test_programs += %D%/test-noise
test_programs += %D%/test-session
test_programs += %D%/test-utf8
test_programs += %D%/test-value

# The same with the port to boards.
test_programs += %D%/test-crypto-bearssl %D%/test-noise-bearssl
%C%_test_crypto_bearssl_SOURCES = %D%/test-crypto.c
%C%_test_crypto_bearssl_LDADD = $(BEARSSL_PORT_LIBS) libutil.a $(CMOCKA_LIBS)
%C%_test_noise_bearssl_SOURCES = %D%/test-noise.c
%C%_test_noise_bearssl_LDADD = $(BEARSSL_PORT_LIBS) libutil.a $(CMOCKA_LIBS)

if HAVE_LIBCBOR
test_programs += %D%/test-cbor-libcbor
%C%_test_cbor_libcbor_SOURCES = %D%/test-cbor-libcbor.c src/wire/cbor.c src/wire/utf8.c
%C%_test_cbor_libcbor_CPPFLAGS = $(RENAME_CPPFLAGS)
%C%_test_cbor_libcbor_LDADD = libcbortest.a $(LIBCBOR_LIBS) $(CMOCKA_LIBS)
endif
