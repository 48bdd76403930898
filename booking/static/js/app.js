// Every page works without this file; it adds comfort.
import './theme.js';
import './menu.js';
import './forms.js';
import './dialog.js';
import './booking-form.js';
