import { Link } from "../shared/link.js";
