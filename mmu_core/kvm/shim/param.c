// SPDX-License-Identifier: GPL-2.0-only
/* param.c - module parameters: the table that the linker gathers, set the way sysfs does. */
#include <linux/moduleparam.h>
#include <linux/string.h>

#include "shim.h"

extern const struct kernel_param __start___param[], __stop___param[];

/* "kvm.nx_huge_pages" and "nx_huge_pages" both name it. */
static bool has_name(const struct kernel_param *param, const char *name)
{
	const char *dot = strrchr(param->name, '.');

	return !strcmp(dot ? dot + 1 : param->name, name);
}

int shim_param_set(const char *name, const char *value)
{
	for (const struct kernel_param *param = __start___param; param < __stop___param; param++)
		if (has_name(param, name))
			return param->ops->set ? param->ops->set(value, param) : -EPERM;
	return -ENOENT;
}

static int parse_number(const char *text, long long minimum, long long maximum, long long *number)
{
	bool negative = *text == '-';
	long long value = 0;

	text += negative;
	if (*text < '0' || *text > '9')
		return -EINVAL;
	for (; *text >= '0' && *text <= '9'; text++) {
		value = value * 10 + *text - '0';
		if (value > 1LL << 40)
			return -ERANGE;
	}
	if (*text && *text != '\n')
		return -EINVAL;
	*number = negative ? -value : value;
	return *number < minimum || *number > maximum ? -ERANGE : 0;
}

/* real */
int param_set_uint(const char *text, const struct kernel_param *param)
{
	long long number;
	int error = parse_number(text, 0, UINT_MAX, &number);

	if (!error)
		*(unsigned int *)param->arg = number;
	return error;
}

/* real */
int param_get_uint(char *buffer, const struct kernel_param *param)
{
	return scnprintf(buffer, PAGE_SIZE, "%u\n", *(unsigned int *)param->arg);
}

static int set_int(const char *text, const struct kernel_param *param)
{
	long long number;
	int error = parse_number(text, INT_MIN, INT_MAX, &number);

	if (!error)
		*(int *)param->arg = number;
	return error;
}

/* real */
int kstrtobool(const char *text, bool *result)
{
	switch (text ? *text : 0) {
	case 'y':
	case 'Y':
	case '1':
		*result = true;
		return 0;
	case 'n':
	case 'N':
	case '0':
		*result = false;
		return 0;
	case 'o':
	case 'O':
		*result = text[1] == 'n' || text[1] == 'N';
		return *result || text[1] == 'f' || text[1] == 'F' ? 0 : -EINVAL;
	default:
		return -EINVAL;
	}
}

static int set_bool(const char *text, const struct kernel_param *param)
{
	return kstrtobool(text ?: "1", param->arg);
}

/* real */
int param_get_bool(char *buffer, const struct kernel_param *param)
{
	return scnprintf(buffer, PAGE_SIZE, "%c\n", *(bool *)param->arg ? 'Y' : 'N');
}

/* real */
const struct kernel_param_ops param_ops_bool = { .set = set_bool, .get = param_get_bool };
/* real */
const struct kernel_param_ops param_ops_bint = { .set = set_bool, .get = param_get_bool };
/* real */
const struct kernel_param_ops param_ops_int = { .set = set_int };
/* real */
const struct kernel_param_ops param_ops_uint = { .set = param_set_uint, .get = param_get_uint };

/* real: equal up to a trailing newline */
bool sysfs_streq(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return (!*a || (*a == '\n' && !a[1])) && (!*b || (*b == '\n' && !b[1]));
}

/* real */
int sysfs_emit(char *buffer, const char *format, ...)
{
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vscnprintf(buffer, PAGE_SIZE, format, arguments);
	va_end(arguments);
	return length;
}
