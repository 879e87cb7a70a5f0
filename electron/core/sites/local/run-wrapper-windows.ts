export const RUN_WRAPPER_PS1 = '';
