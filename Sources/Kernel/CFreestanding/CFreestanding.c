#include "CFreestanding.h"
static inline long sc(long n,long a,long b,long c){long r;__asm__ volatile("syscall":"=a"(r):"a"(n),"D"(a),"S"(b),"d"(c):"rcx","r11","memory");return r;}
long sys_write(int fd,const void*p,size_t n){return sc(1,fd,(long)p,n);}
_Noreturn void sys_exit(int c){sc(231,c,0,0);__builtin_unreachable();}
extern int main(int,char**);
__asm__(".globl _start\n_start: xor %ebp,%ebp\n mov (%rsp),%rdi\n lea 8(%rsp),%rsi\n and $-16,%rsp\n call free_start\n");
void free_start(int argc,char**argv){sys_exit(main(argc,argv));}
void *memcpy(void*d,const void*s,size_t n){char*a=d;const char*b=s;while(n--)*a++=*b++;return d;}
void *memmove(void*d,const void*s,size_t n){char*a=d;const char*b=s;if(a<b)while(n--)*a++=*b++;else{while(n--)a[n]=b[n];}return d;}
void *memset(void*d,int c,size_t n){char*a=d;while(n--)*a++=c;return d;}
int memcmp(const void*d,const void*s,size_t n){const unsigned char*a=d,*b=s;for(;n--;a++,b++)if(*a!=*b)return *a-*b;return 0;}
static char heap[1<<16]; static size_t used;
int posix_memalign(void**p,size_t al,size_t n){size_t u=(used+al-1)&~(al-1);if(u+n>sizeof heap)return 12;*p=heap+u;used=u+n;return 0;}
void free(void*p){}
uintptr_t __stack_chk_guard=1; void __stack_chk_fail(void){sys_exit(99);}
void arc4random_buf(void*p,size_t n){memset(p,7,n);}
int putchar(int c){char x=c;sys_write(1,&x,1);return c;}
