//! The Python module gamayun_data._core: take, detach, wrap.
