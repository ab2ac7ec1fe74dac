#include "CStage1Plan.h"
