# SPDX-License-Identifier: Apache-2.0
# One target for each parser, with --enable-fuzz and clang. Each reads corpus/<what it fuzzes>.

EXTRA_DIST += %D%/chunk.h %D%/corpus %D%/decoder.h %D%/require.h

if FUZZ
fuzz_programs = \
	%D%/fuzz-picture \
	%D%/fuzz-frame \
	%D%/fuzz-bmp \
	%D%/fuzz-foreign \
	%D%/fuzz-format \
	%D%/fuzz-gif \
	%D%/fuzz-jpeg \
	%D%/fuzz-pgm \
	%D%/fuzz-png \
	%D%/fuzz-tiff \
	%D%/fuzz-webp \
	%D%/fuzz-controller \
	%D%/fuzz-message \
	%D%/fuzz-session-device \
	%D%/fuzz-session-hub \
	%D%/fuzz-request \
	%D%/fuzz-request-json \
	%D%/fuzz-command \
	%D%/fuzz-cbor \
	%D%/fuzz-program \
	%D%/fuzz-text \
	%D%/fuzz-code \
	%D%/fuzz-source \
	%D%/fuzz-fragment \
	%D%/fuzz-stream \
	%D%/fuzz-link \
	%D%/fuzz-slot \
	%D%/fuzz-issuer \
	%D%/fuzz-settings \
	%D%/fuzz-identity \
	%D%/fuzz-card \
	%D%/fuzz-topic \
	%D%/fuzz-address \
	%D%/fuzz-reference \
	%D%/fuzz-answer \
	%D%/fuzz-tag \
	%D%/fuzz-tap \
	%D%/fuzz-type2
noinst_PROGRAMS += $(fuzz_programs)

.PHONY: fuzz
fuzz: $(fuzz_programs)

LIBFUZZER = $(AM_LDFLAGS) -fsanitize=fuzzer
%C%_fuzz_picture_LDFLAGS = $(LIBFUZZER)
%C%_fuzz_frame_LDFLAGS = $(LIBFUZZER)
%C%_fuzz_bmp_LDFLAGS = $(LIBFUZZER)
%C%_fuzz_foreign_LDFLAGS = $(LIBFUZZER)
%C%_fuzz_format_LDFLAGS = $(LIBFUZZER)
%C%_fuzz_gif_LDFLAGS = $(LIBFUZZER)
%C%_fuzz_jpeg_LDFLAGS = $(LIBFUZZER)
%C%_fuzz_pgm_LDFLAGS = $(LIBFUZZER)
%C%_fuzz_png_LDFLAGS = $(LIBFUZZER)
%C%_fuzz_tiff_LDFLAGS = $(LIBFUZZER)
%C%_fuzz_webp_LDFLAGS = $(LIBFUZZER)
%C%_fuzz_controller_LDFLAGS = $(LIBFUZZER)
%C%_fuzz_message_LDFLAGS = $(LIBFUZZER)
%C%_fuzz_session_device_LDFLAGS = $(LIBFUZZER)
%C%_fuzz_session_hub_LDFLAGS = $(LIBFUZZER)
%C%_fuzz_request_LDFLAGS = $(LIBFUZZER)
%C%_fuzz_request_json_LDFLAGS = $(LIBFUZZER)
%C%_fuzz_command_LDFLAGS = $(LIBFUZZER)
%C%_fuzz_cbor_LDFLAGS = $(LIBFUZZER)
%C%_fuzz_program_LDFLAGS = $(LIBFUZZER)
%C%_fuzz_text_LDFLAGS = $(LIBFUZZER)
%C%_fuzz_code_LDFLAGS = $(LIBFUZZER)
%C%_fuzz_source_LDFLAGS = $(LIBFUZZER)
%C%_fuzz_fragment_LDFLAGS = $(LIBFUZZER)
%C%_fuzz_stream_LDFLAGS = $(LIBFUZZER)
%C%_fuzz_link_LDFLAGS = $(LIBFUZZER)
%C%_fuzz_slot_LDFLAGS = $(LIBFUZZER)
%C%_fuzz_issuer_LDFLAGS = $(LIBFUZZER)
%C%_fuzz_settings_LDFLAGS = $(LIBFUZZER)
%C%_fuzz_identity_LDFLAGS = $(LIBFUZZER)
%C%_fuzz_card_LDFLAGS = $(LIBFUZZER)
%C%_fuzz_topic_LDFLAGS = $(LIBFUZZER)
%C%_fuzz_address_LDFLAGS = $(LIBFUZZER)
%C%_fuzz_reference_LDFLAGS = $(LIBFUZZER)
%C%_fuzz_answer_LDFLAGS = $(LIBFUZZER)
%C%_fuzz_tag_LDFLAGS = $(LIBFUZZER)
%C%_fuzz_tap_LDFLAGS = $(LIBFUZZER)
%C%_fuzz_type2_LDFLAGS = $(LIBFUZZER)

%C%_fuzz_controller_CPPFLAGS = $(ETHER_CPPFLAGS)
%C%_fuzz_controller_LDADD = $(CONTROLLER_LIBS)
%C%_fuzz_session_device_SOURCES = %D%/fuzz-session-device.c $(TALK_WORLD) $(TOY_CRYPTO)
%C%_fuzz_session_device_LDADD = libenroll-device.a libprogram.a libwire.a
%C%_fuzz_session_hub_SOURCES = %D%/fuzz-session-hub.c $(TALK_WORLD) $(TOY_CRYPTO)
%C%_fuzz_session_hub_LDADD = libenroll-device.a libprogram.a libwire.a
endif
