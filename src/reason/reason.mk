# SPDX-License-Identifier: Apache-2.0
# Why something did not work: code, sentence, remedy.

noinst_LIBRARIES += libreason.a
libreason_a_SOURCES = \
	%D%/reason.c %D%/reason.h
