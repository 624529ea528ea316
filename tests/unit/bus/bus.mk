# SPDX-License-Identifier: Apache-2.0
test_programs += %D%/test-callers
