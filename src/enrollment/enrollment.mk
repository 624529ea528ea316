# SPDX-License-Identifier: Apache-2.0
# One device's way from its code to its owner.

noinst_LIBRARIES += libenrollment.a
libenrollment_a_SOURCES = \
	%D%/half.c %D%/half.h \
	%D%/replacement.c %D%/replacement.h \
	%D%/record.c %D%/record.h \
	%D%/forward.c %D%/forward.h \
	%D%/resume.c %D%/resume.h \
	%D%/preview.c %D%/preview.h \
	%D%/plan.c %D%/plan.h \
	%D%/course.c %D%/course.h \
	%D%/progress.c %D%/progress.h \
	%D%/failure.c %D%/failure.h \
	%D%/request.c %D%/request.h \
	%D%/enrollment.c %D%/enrollment.h
