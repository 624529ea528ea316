/* SPDX-License-Identifier: Apache-2.0 */

#include <cerrno>
#include <cstring>
#include <new>
#include <utility>

#include <ZXing/ReadBarcode.h>

extern "C" {
#include "read/zxing.h"
}

namespace
{

constexpr int SYMBOLS_MAX = 8; /* in one picture */

struct format {
        ZXing::BarcodeFormat format;
        enum symbology symbology;
};

constexpr format formats[] = {
        {ZXing::BarcodeFormat::QRCode, SYMBOLOGY_QR},
        {ZXing::BarcodeFormat::Code128, SYMBOLOGY_CODE128},
        {ZXing::BarcodeFormat::EAN13, SYMBOLOGY_EAN},
        {ZXing::BarcodeFormat::EAN8, SYMBOLOGY_EAN},
        {ZXing::BarcodeFormat::UPCA, SYMBOLOGY_EAN},
};

/* The type of the options is named DecodeHints up to 2.1 and ReaderOptions since. */
template <typename Results, typename Options>
Options options_of(Results (*)(const ZXing::ImageView &, const Options &));
using Options = decltype(options_of(&ZXing::ReadBarcodes));

/* Since 2.0 the library can look at the inverse too; the search decides about that. */
template <typename O> auto leave_inverse(O &options, int) -> decltype(options.setTryInvert(true))
{
        return options.setTryInvert(false);
}
template <typename O> O &leave_inverse(O &options, long)
{
        return options;
}

Options options_make(unsigned symbologies, bool thorough)
{
        ZXing::BarcodeFormats wanted;
        Options options;

        for (const format &f : formats)
                if (symbologies & 1u << f.symbology)
                        wanted |= f.format;
        options.setFormats(wanted);
        options.setTryHarder(thorough);
        options.setTryRotate(thorough);
        options.setTryDownscale(thorough);
        options.setMaxNumberOfSymbols(SYMBOLS_MAX);
        leave_inverse(options, 0);
        return options;
}

enum symbology symbology_of(ZXing::BarcodeFormat found)
{
        for (const format &f : formats)
                if (f.format == found)
                        return f.symbology;
        return SYMBOLOGY_MAX;
}

/* Copies a symbol out of the library; one that is not as expected counts as foreign. */
template <typename Result> int symbol_copy(const Result &found, struct symbol *symbol)
{
        const auto &bytes = found.bytes();

        symbol->symbology = symbology_of(found.format());
        symbol->n_bytes = bytes.size();
        if (symbol->symbology == SYMBOLOGY_MAX || found.sequenceSize() >= 0 || bytes.empty() ||
            bytes.size() > SYMBOL_BYTES_MAX)
                return ZXING_E_FOREIGN;
        std::memcpy(symbol->bytes, bytes.data(), bytes.size());
        return symbol_is_enrollment(symbol) ? 0 : ZXING_E_FOREIGN;
}

int scan(const struct picture *p, const Options &options, struct offer *offer,
         struct symbol *ret_symbol)
{
        const ZXing::ImageView view(p->luma, static_cast<int>(p->width),
                                    static_cast<int>(p->height), ZXing::ImageFormat::Lum);
        int r = ZXING_E_NOTHING;

        for (const auto &found : ZXing::ReadBarcodes(view, options)) {
                if (!found.isValid())
                        continue;
                r = symbol_copy(found, ret_symbol);
                if (r == 0)
                        offer_add(offer, ret_symbol);
        }
        if (offer->n == 0)
                return r;
        *ret_symbol = offer->symbols[0];
        return 0;
}

} // namespace

int zxing_scan(const struct picture *p, unsigned symbologies, bool thorough, struct offer *found,
               struct symbol *ret_symbol)
{
        try {
                return scan(p, options_make(symbologies, thorough), found, ret_symbol);
        } catch (const std::bad_alloc &) {
                return -ENOMEM;
        } catch (...) {
                return ZXING_E_NOTHING; /* it gave up on this picture */
        }
}
