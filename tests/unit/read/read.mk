# SPDX-License-Identifier: Apache-2.0
test_programs += %D%/test-bmp
test_programs += %D%/test-camera
test_programs += %D%/test-cameras
test_programs += %D%/test-offer
test_programs += %D%/test-format
test_programs += %D%/test-frame
test_programs += %D%/test-gif
test_programs += %D%/test-image
test_programs += %D%/test-locator
test_programs += %D%/test-optics
test_programs += %D%/test-picture
test_programs += %D%/test-reader
test_programs += %D%/test-reduction
test_programs += %D%/test-request
test_programs += %D%/test-scanner
test_programs += %D%/test-search
test_programs += %D%/test-symbol
test_programs += %D%/test-watch
test_programs += %D%/test-tiff
test_programs += %D%/test-webp
if HAVE_ZXING
test_programs += %D%/test-zxing
endif
