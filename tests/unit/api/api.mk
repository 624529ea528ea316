# SPDX-License-Identifier: Apache-2.0
test_programs += %D%/test-backend
test_programs += %D%/test-exposes
test_programs += %D%/test-json
