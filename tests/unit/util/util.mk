# SPDX-License-Identifier: Apache-2.0
test_programs += \
	%D%/test-hex \
	%D%/test-options
