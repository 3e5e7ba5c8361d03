import "../shared/told.js";
