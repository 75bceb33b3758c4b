"""Names that a function of generated code cannot have, for each language."""

import builtins
import keyword

__all__ = ["C_NAMES", "MATLAB_NAMES", "PYTHON_NAMES"]

_C_KEYWORDS = (
    "asm auto break case char const continue default do double else enum extern float for fortran "
    "goto if inline int long register restrict return short signed sizeof static struct switch "
    "typedef typeof union unsigned void volatile while main linux unix "
    # C23 and C++
    "alignas alignof and and_eq atomic_cancel atomic_commit atomic_noexcept bitand bitor bool "
    "catch char8_t char16_t char32_t class co_await co_return co_yield compl concept const_cast "
    "consteval constexpr constinit contract_assert decltype delete dynamic_cast explicit export "
    "false friend mutable namespace new noexcept not not_eq nullptr operator or or_eq private "
    "protected public reflexpr reinterpret_cast requires static_assert static_cast std "
    "synchronized template this thread_local throw true try typeid typename typeof_unqual using "
    "virtual wchar_t xor xor_eq"
)
# Functions of math.h in C99, C23 and POSIX, and those of complex.h; each also has a form for float
# and for long double, and so have the constants of math.h.
_MATH = (
    "acos acosh acospi asin asinh asinpi atan atan2 atan2pi atanh atanpi canonicalize cbrt ceil "
    "compoundn copysign cos cosh cospi drem erf erfc exp exp10 exp10m1 exp2 exp2m1 expm1 fabs "
    "fdim finite floor fma fmax fmaximum fmaximum_mag fmaximum_mag_num fmaximum_num fmaxmag fmin "
    "fminimum fminimum_mag fminimum_mag_num fminimum_num fminmag fmod frexp fromfp fromfpx gamma "
    "getpayload hypot ilogb isinf isnan j0 j1 jn ldexp lgamma llogb llrint llround log log10 "
    "log10p1 log1p log2 log2p1 logb logp1 lrint lround modf nan nearbyint nextafter nextdown "
    "nexttoward nextup pow pow10 pown powr remainder remquo rint rootn round roundeven rsqrt scalb "
    "scalbln scalbn setpayload setpayloadsig significand sin sincos sinh sinpi sqrt tan tanh tanpi "
    "tgamma totalorder totalordermag trunc ufromfp ufromfpx y0 y1 yn "
    "cabs cacos cacosh carg casin casinh catan catanh ccos ccosh cexp cimag clog conj cpow cproj "
    "creal csin csinh csqrt ctan ctanh "
    "M_1_PI M_2_PI M_2_SQRTPI M_E M_LN10 M_LN2 M_LOG10E M_LOG2E M_PI M_PI_2 M_PI_4 M_SQRT1_2 "
    "M_SQRT2"
)
_MATH_OTHERS = (
    "abs daddl ddivl dfmal div dmull double_t dsqrtl dsubl fadd faddl fdiv fdivl ffma ffmal "
    "float_t fmul fmull fpclassify fsqrt fsqrtl fsub fsubl gammaf_r gammal_r gamma_r iscanonical "
    "iseqsig isfinite isgreater isgreaterequal isless islessequal islessgreater isnormal "
    "issignaling issubnormal isunordered iszero labs lgamma_r lgammaf_r lgammal_r llabs "
    "matherr signbit signgam "
    "DOMAIN HUGE HUGE_VAL HUGE_VALF HUGE_VALL INFINITY MATH_ERREXCEPT MATH_ERRNO MAXFLOAT NAN NULL "
    "OVERFLOW PLOSS SING SNAN SNANF SNANL TLOSS UNDERFLOW X_TLOSS math_errhandling "
    "FP_FAST_FMA FP_FAST_FMAF FP_FAST_FMAL FP_ILOGB0 FP_ILOGBNAN FP_INFINITE FP_INT_DOWNWARD "
    "FP_INT_TONEAREST FP_INT_TONEARESTFROMZERO FP_INT_TOWARDZERO FP_INT_UPWARD FP_LLOGB0 "
    "FP_LLOGBNAN FP_NAN FP_NORMAL FP_SUBNORMAL FP_ZERO"
)
# Other functions of the standard library. The standard reserves them in every program, since the
# linker would call the generated function in their place.
_C_LIBRARY = (
    # stdlib.h; some C++ compilers include it in math.h, with its types
    "abort aligned_alloc at_quick_exit atexit atof atoi atol atoll bsearch calloc div_t exit free "
    "getenv ldiv ldiv_t lldiv lldiv_t malloc mblen mbstowcs mbtowc qsort quick_exit rand realloc "
    "size_t srand strtod strtof strtol strtold strtoll strtoul strtoull system wcstombs wctomb "
    "EXIT_FAILURE EXIT_SUCCESS MB_CUR_MAX RAND_MAX "
    # stdio.h
    "clearerr fclose feof ferror fflush fgetc fgetpos fgets fopen fprintf fputc fputs fread "
    "freopen fscanf fseek fsetpos ftell fwrite getc getchar gets perror printf putc putchar puts "
    "remove rename rewind scanf setbuf setvbuf snprintf sprintf sscanf tmpfile tmpnam ungetc "
    "vfprintf vfscanf vprintf vscanf vsnprintf vsprintf vsscanf "
    # string.h and ctype.h
    "memchr memcmp memcpy memmove memset strcat strchr strcmp strcoll strcpy strcspn strerror "
    "strlen strncat strncmp strncpy strpbrk strrchr strspn strstr strtok strxfrm isalnum isalpha "
    "isblank iscntrl isdigit isgraph islower isprint ispunct isspace isupper isxdigit tolower "
    "toupper bcmp bcopy bzero ffs index rindex stpcpy strdup "
    # further names that compilers know, and types of C++ compilers
    "alloca ffsl ffsll isascii posix_memalign stpncpy strcasecmp strncasecmp strndup strnlen "
    "toascii int8_t int16_t int32_t int64_t uint ulong ushort "
    # time.h, signal.h, setjmp.h and locale.h
    "asctime clock ctime difftime gmtime localtime mktime strftime time raise signal longjmp "
    "setjmp localeconv setlocale"
)
# Arguments and variables of the functions in `_c_templates`.
_C_VARIABLES = "a2 a3 best change dy i j k labels share sigma2 sigma3 total x y z z2 z3"
# The same of the functions in `_export_python`, and its module.
_PYTHON_VARIABLES = (
    "a a2 a3 b c center change column dy h k math p result row s scale share shares shift sigma2 "
    "sigma3 slope total v w x y z z2 z3"
)
_MATLAB_KEYWORDS = (
    "break case catch classdef continue else elseif end for function global if otherwise parfor "
    "persistent return spmd switch try while "
    # Octave
    "do end_try_catch end_unwind_protect endclassdef endenumeration endevents endfor endfunction "
    "endif endmethods endparfor endproperties endspmd endswitch endwhile enumeration events "
    "methods properties until unwind_protect unwind_protect_cleanup"
)
# Variables of the function, and functions that it calls.
_MATLAB_VARIABLES = (
    "x y index labels dy center W1 b1 W2 b2 scale shift a2 a3 share total sigma2 sigma3 k change "
    "exp sum max zeros size reshape cat double nargout"
)

C_NAMES = frozenset(f"{_C_KEYWORDS} {_MATH} {_MATH_OTHERS} {_C_LIBRARY} {_C_VARIABLES}".split()) | {
    f"{name}{suffix}" for name in _MATH.split() for suffix in "fl"
}
PYTHON_NAMES = frozenset([*keyword.kwlist, *dir(builtins), *_PYTHON_VARIABLES.split()])
MATLAB_NAMES = frozenset(f"{_MATLAB_KEYWORDS} {_MATLAB_VARIABLES}".split())
