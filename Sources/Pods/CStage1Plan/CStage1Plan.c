// The header is all there is: a C target needs a source.
#include "CStage1Plan.h"
