# SPDX-License-Identifier: Apache-2.0
test_programs += %D%/test-filename
test_programs += %D%/test-line
test_programs += %D%/test-catalogue
test_programs += %D%/test-source
test_programs += %D%/test-shelf
test_programs += %D%/test-import
